# Known answers for hierarchical_slopes with items. Run in this folder: Rscript make.R
# Writes rows.csv (the numbers that were used) and lme4.csv (what lme4 says of them, by restricted maximum likelihood).
library(lme4)
set.seed(61)
R <- 5; I <- 8; L <- 4
x <- seq(-0.5, 0.5, length.out = L)
item_slope <- rnorm(I, 0, 0.8); item_level <- rnorm(I, 0, 1)
rows <- NULL
for (condition in c("new", "old")) {
  gain <- c(new = 1.5, old = 0.4)[[condition]]
  own <- item_slope + rnorm(I, 0, 0.3)
  run_slope <- rnorm(R, 0, 0.5); run_level <- rnorm(R, 0, 0.4)
  cells <- expand.grid(level = 1:L, item = 1:I, run = 1:R)
  pair <- matrix(rnorm(R * I, 0, 0.3), R, I)
  slope <- gain + run_slope[cells$run] + own[cells$item] + pair[cbind(cells$run, cells$item)]
  y <- item_level[cells$item] + run_level[cells$run] + slope * x[cells$level] + rnorm(nrow(cells), 0, 0.25)
  rows <- rbind(rows, data.frame(condition, run = paste0(condition, cells$run), item = paste0("q", cells$item),
                                 level = cells$level, score = round(y, 4)))
}
answers <- list()
note <- function(name, value) answers[[name]] <<- value
slope_of <- function(d) {
  cells <- aggregate(cbind(score, level) ~ item + run, d, c)
  data.frame(run = cells$run, item = cells$item,
             slope = apply(cells$score, 1, function(s) sum((x - mean(x)) * s) / sum((x - mean(x))^2)))
}
control <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-12, maxfun = 1e5))
for (condition in c("new", "old")) {
  d <- rows[rows$condition == condition, ]
  # Slopes of runs on items: runs and items crossed.
  m <- lmer(slope ~ 1 + (1 | run) + (1 | item), slope_of(d), REML = TRUE, control = control)
  v <- as.data.frame(VarCorr(m))
  note(paste0(condition, "_mean"), fixef(m)[[1]]); note(paste0(condition, "_se"), sqrt(vcov(m)[1, 1]))
  note(paste0(condition, "_run"), v$vcov[v$grp == "run"]); note(paste0(condition, "_item"), v$vcov[v$grp == "item"])
  note(paste0(condition, "_rest"), v$vcov[v$grp == "Residual"])
  note(paste0(condition, "_loglik"), as.numeric(logLik(m)))
  for (r in sort(unique(d$run))) note(paste0("blup_", r), fixef(m)[[1]] + ranef(m)$run[r, 1])
  # The rows themselves, with levels and slopes of runs, of items and of pairs.
  d$x <- x[d$level]
  w <- lmer(score ~ x + (1 | run) + (0 + x | run) + (1 | item) + (0 + x | item) + (1 | run:item) + (0 + x | run:item),
            d, REML = TRUE, control = control)
  u <- as.data.frame(VarCorr(w))
  slope <- u[!is.na(u$var1) & u$var1 == "x", ]
  note(paste0(condition, "_rows_mean"), fixef(w)[["x"]]); note(paste0(condition, "_rows_se"), sqrt(vcov(w)["x", "x"]))
  note(paste0(condition, "_rows_run"), slope$vcov[grepl("^run[.0-9]*$", slope$grp)])
  note(paste0(condition, "_rows_item"), slope$vcov[grepl("^item", slope$grp)])
  note(paste0(condition, "_rows_rest"),
       slope$vcov[grepl("^run.item", slope$grp)] + u$vcov[u$grp == "Residual"] / sum((x - mean(x))^2))
}
# Both conditions: runs of each, and items whose slopes in the two conditions are correlated in any way. In complete
# tables of as many runs the items' part of the difference is that of the differences between each item's means.
new <- slope_of(rows[rows$condition == "new", ]); old <- slope_of(rows[rows$condition == "old", ])
by_item <- function(d) tapply(d$slope, d$item, mean)
by_run <- function(d) tapply(d$slope, d$run, mean)
rest <- function(d) { a <- anova(lm(slope ~ run + item, d)); a["Residuals", "Mean Sq"] }
difference <- by_item(new) - by_item(old)
note("difference_mean", mean(difference))
note("difference_these_se", sqrt(var(by_run(new)) / R + var(by_run(old)) / R))
note("difference_se", sqrt(var(by_run(new)) / R + var(by_run(old)) / R + var(difference) / I
                           - (rest(new) + rest(old)) / (R * I)))
write.csv(rows, "rows.csv", row.names = FALSE, quote = FALSE)
out <- data.frame(name = names(answers), value = sprintf("%.12g", unlist(answers)))
write.csv(out, "lme4.csv", row.names = FALSE, quote = FALSE)
cat(R.version.string, "lme4", as.character(packageVersion("lme4")), "\n")
