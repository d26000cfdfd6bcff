"""Two language models of equal size, a transformer (gpt) and a recurrent network (gru): training and sampling."""

from collections.abc import Iterator

import torch
from corpus import WORDS
from torch import nn
from torch.nn import functional

CONTEXT = 256
Memory = list[tuple[torch.Tensor, torch.Tensor]]


class Block(nn.Module):
    """One layer of a transformer: causal self-attention, then a small network at every word.

    The heads know places by a linear bias against distance (Press, Smith and Lewis 2022, arXiv:2108.12409), with
    slopes from 1/4 for the first head to 1/256 for the last of four.
    """

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        slopes = 4.0 ** -torch.arange(1, heads + 1)
        ago = torch.arange(CONTEXT)[:, None] - torch.arange(CONTEXT)
        self.register_buffer("bias", (-slopes[:, None, None] * ago).masked_fill(ago < 0, -torch.inf))
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(2))
        self.query_key_value = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.network = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(
        self, x: torch.Tensor, memory: tuple[torch.Tensor, torch.Tensor] | None
    ) -> tuple[torch.Tensor, tuple[torch.Tensor, torch.Tensor]]:
        """Return the new activations, and the keys and values so far; with a memory, x is one new word."""
        n, length, width = x.shape
        parts = self.query_key_value(self.norms[0](x)).view(n, length, 3, self.heads, -1)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        if memory is not None:
            key, value = torch.cat([memory[0], key], 2), torch.cat([memory[1], value], 2)
        bias = self.bias[:, key.shape[2] - length : key.shape[2], : key.shape[2]]
        seen = functional.scaled_dot_product_attention(query, key, value, attn_mask=bias)
        x = x + self.out(seen.transpose(1, 2).reshape(n, length, width))
        return x + self.network(self.norms[1](x)), (key, value)


class Transformer(nn.Module):
    """A decoder-only transformer; embedding and output share their weights."""

    def __init__(self, width: int = 64, layers: int = 2, heads: int = 4) -> None:
        super().__init__()
        self.embedding = nn.Embedding(WORDS, width)
        nn.init.normal_(self.embedding.weight, std=0.02)
        self.scale = width**0.5
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(layers))
        self.norm = nn.LayerNorm(width)

    def forward(self, words: torch.Tensor, memory: Memory | None = None) -> tuple[torch.Tensor, Memory]:
        """Return logits of the next word at every place, and what to remember."""
        x = self.embedding(words) * self.scale
        kept = []
        for place, block in enumerate(self.blocks):
            x, pair = block(x, None if memory is None else memory[place])
            kept.append(pair)
        return self.norm(x) @ self.embedding.weight.T, kept


class Recurrent(nn.Module):
    """Gated recurrent units; embedding and output share their weights."""

    def __init__(self, width: int = 64, layers: int = 2, hidden: int = 92) -> None:
        super().__init__()
        self.embedding = nn.Embedding(WORDS, width)
        nn.init.normal_(self.embedding.weight, std=0.02)
        self.scale = width**0.5
        self.units = nn.GRU(width, hidden, layers, batch_first=True)
        self.out = nn.Linear(hidden, width)
        self.norm = nn.LayerNorm(width)

    def forward(
        self, words: torch.Tensor, memory: torch.Tensor | None = None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return logits of the next word at every place, and what to remember."""
        states, memory = self.units(self.embedding(words) * self.scale, memory)
        return self.norm(self.out(states)) @ self.embedding.weight.T, memory


def make_model(architecture: str) -> nn.Module:
    """Return an untrained model, ``"gpt"`` or ``"gru"``."""
    return {"gpt": Transformer, "gru": Recurrent}[architecture]()


def parameters(model: nn.Module) -> int:
    """Return the number of trainable numbers."""
    return sum(each.numel() for each in model.parameters())


def losses(model: nn.Module, words: torch.Tensor) -> torch.Tensor:
    """Return the loss in nats at every word after the first, of shape (n, length - 1)."""
    logits, _ = model(words[:, :-1])
    return functional.cross_entropy(logits.transpose(1, 2), words[:, 1:], reduction="none")


def train(model: nn.Module, words: torch.Tensor, batch: int, rate: float) -> Iterator[float]:
    """Train on documents, each seen once; yield the loss of every step.

    Adam with gradients clipped at norm 1; the learning rate warms up over a twentieth of the steps and then
    falls to zero along a cosine.
    """
    optimiser = torch.optim.Adam(model.parameters(), lr=rate, betas=(0.9, 0.98))
    steps = len(words) // batch
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, max_lr=rate, total_steps=steps + 1, pct_start=0.05, cycle_momentum=False
    )
    for step in range(steps):
        loss = losses(model, words[step * batch : (step + 1) * batch]).mean()
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        yield loss.item()


@torch.no_grad()
def continuations(
    model: nn.Module, prompts: torch.Tensor, length: int, chance: torch.Generator
) -> torch.Tensor:
    """Return words that the model writes after prompts of equal length, sampled at temperature 1.

    Parameters
    ----------
    model : torch.nn.Module
        A trained model.
    prompts : torch.Tensor of int, shape (n, any)
        The prompts.
    length : int
        Number of words to write.
    chance : torch.Generator
        Source of chance.

    Returns
    -------
    torch.Tensor of int, shape (n, length)
        The words.
    """
    logits, memory = model(prompts)
    written = []
    for _ in range(length):
        word = torch.multinomial(logits[:, -1].softmax(1), 1, generator=chance)
        written.append(word)
        logits, memory = model(word, memory)
    return torch.cat(written, 1)
