# Known answers for sigstats.compare. Run in this folder: Rscript make.R
# Writes data.csv (the numbers that were used) and answers.csv (what R says of them).
library(lme4); library(lmerTest); library(multcomp)
set.seed(16)
n <- 6
runs <- data.frame(seed = rep(1:n, 4), condition = rep(c("base", "a", "b", "c"), each = n))
shared <- rnorm(n, 0, 0.5)
runs$metric <- round(10 + c(base = 0, a = 1.0, b = 0.2, c = -0.4)[runs$condition] + shared[runs$seed] + rnorm(4 * n, 0, 0.6), 4)
y <- split(runs$metric, runs$condition)
answers <- list()
note <- function(name, value) answers[[name]] <<- value
note("paired_greater", t.test(y$a, y$base, paired = TRUE, alternative = "greater")$p.value)
note("paired_low", t.test(y$a, y$base, paired = TRUE, conf.level = 0.9)$conf.int[1])
note("paired_high", t.test(y$a, y$base, paired = TRUE, conf.level = 0.9)$conf.int[2])
note("welch_greater", t.test(y$a, y$base, alternative = "greater")$p.value)
note("welch_df", unname(t.test(y$a, y$base)$parameter))
note("tost_paired", max(t.test(y$b, y$base, paired = TRUE, mu = -1, alternative = "greater")$p.value,
                        t.test(y$b, y$base, paired = TRUE, mu = 1, alternative = "less")$p.value))
note("not_worse_welch", t.test(y$c, y$base, mu = -1, alternative = "greater")$p.value)
runs$condition <- factor(runs$condition, levels = c("base", "a", "b", "c"))
g <- glht(lm(metric ~ condition, runs), linfct = mcp(condition = "Dunnett"), alternative = "greater")
p <- summary(g)$test$pvalues
for (i in 1:3) note(paste0("dunnett_", c("a", "b", "c")[i]), p[i])
holm <- p.adjust(sapply(c("a", "b", "c"), function(k) t.test(y[[k]], y$base, alternative = "greater")$p.value), "holm")
for (k in c("a", "b", "c")) note(paste0("holm_", k), holm[[k]])
S <- 6; I <- 12
cells <- expand.grid(item = 1:I, seed = 1:S)
cells$difference <- round(0.4 + rnorm(S, 0, 0.5)[cells$seed] + rnorm(I, 0, 0.7)[cells$item] + rnorm(S * I, 0, 0.6), 4)
m <- lmer(difference ~ 1 + (1 | seed) + (1 | item), cells, REML = TRUE)
s <- summary(m, ddf = "Satterthwaite")$coefficients
v <- as.data.frame(VarCorr(m))
note("crossed_estimate", s[1, "Estimate"]); note("crossed_se", s[1, "Std. Error"]); note("crossed_df", s[1, "df"])
note("crossed_t", s[1, "t value"])
note("crossed_runs", v$vcov[v$grp == "seed"]); note("crossed_items", v$vcov[v$grp == "item"])
note("crossed_rest", v$vcov[v$grp == "Residual"])
write.csv(runs, "runs.csv", row.names = FALSE)
write.csv(cells, "cells.csv", row.names = FALSE)
out <- data.frame(name = names(answers), value = sprintf("%.12g", unlist(answers)))
write.csv(out, "answers.csv", row.names = FALSE, quote = FALSE)
cat(R.version.string, "lme4", as.character(packageVersion("lme4")), "lmerTest", as.character(packageVersion("lmerTest")),
    "multcomp", as.character(packageVersion("multcomp")), "\n")
