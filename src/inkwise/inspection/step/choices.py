"""The parts of a program that follow a recipe's [training] section: loss, optimizer, epochs, schedule."""

from inkwise.recipes.recipe import LossName, TrainingSection

LOSSES: dict[LossName, str] = {
    "cross-entropy": """\
# Outputs are logits. CrossEntropyLoss makes log-probabilities of them (LogSoftmax), and takes minus the one
# of the true class (NLLLoss), as the mean over the batch.
loss_function = nn.CrossEntropyLoss()""",
    "nll": """\
# Outputs are log-probabilities already, by LogSoftmax: NLLLoss takes minus the one of the true class, as the
# mean over the batch. CrossEntropyLoss is LogSoftmax and NLLLoss in one, and wants logits.
loss_function = nn.NLLLoss()""",
    "categorical-cross-entropy": '''\
# Outputs are probabilities, by softmax. PyTorch has no loss for those; this is the one of Keras.
def loss_function(probabilities, labels):
    """Return the mean of -log p of the true class."""
    clipped = probabilities.clamp(1e-7, 1 - 1e-7)  # log 0 is no number
    return nn.functional.nll_loss(torch.log(clipped), labels)
''',
}

_MOVES = {
    "sgd": "weight -= learning_rate * gradient",
    "adam": "by the running mean of its gradients, over the root of that of their squares",
    "adamw": "as Adam does, and every weight shrinks a little",
}


def moves_text(training: TrainingSection) -> str:
    """Return in words how the optimizer moves a weight."""
    more = f"; {training.momentum} of the step before is added" if training.momentum else ""
    return f"{_MOVES[training.optimizer]}{more if training.optimizer == 'sgd' else ''}."


def optimizer_text(training: TrainingSection) -> str:
    """Return the line that makes the optimizer, with its numbers."""
    if training.optimizer == "sgd":
        rates = f"momentum={training.momentum}, nesterov={training.nesterov}"
        kind = "SGD"
    else:
        rates = f"betas=({training.beta1}, {training.beta2}), eps={training.epsilon}"
        kind = {"adam": "Adam", "adamw": "AdamW"}[training.optimizer]
    return (
        f"optimizer = torch.optim.{kind}(\n"
        f"    network.parameters(), lr={training.learning_rate}, {rates},\n"
        f"    weight_decay={training.weight_decay}, fused=True,\n"
        ")"
    )


def num_epochs_text(training: TrainingSection) -> str:
    """Return the number of epochs as an expression; num_batches is a name in it."""
    if not training.minimum_steps:
        return str(training.epochs)
    steps = f"math.ceil({training.minimum_steps} / num_batches)"
    return f"max({training.epochs}, {steps})  # few images: more epochs"


def schedule_text(training: TrainingSection) -> str:
    """Return a function learning_rate_at(step, num_steps), or nothing where the rate is constant."""
    peak, warmup = training.learning_rate, training.warmup_fraction
    if training.schedule == "constant":
        return ""
    if training.schedule == "one-cycle":
        return _ONE_CYCLE.format(peak=peak, warmup=warmup)
    fall = f"{peak} * (1 - share)" if training.schedule == "linear" else _COSINE.format(peak=peak)
    return _WARMUP_AND_FALL.format(peak=peak, warmup=warmup, fall=fall)


_COSINE = "{peak} / 2 * (1 + math.cos(math.pi * share))"

_ONE_CYCLE = '''

def learning_rate_at(step, num_steps):
    """Return the learning rate of a step (0 is the first): up along half a cosine, and down along another.

    OneCycleLR of torch.optim.lr_scheduler gives the same, with pct_start={warmup}, cycle_momentum=False.
    """
    top = {warmup} * num_steps - 1  # where it is highest
    if top > 0 and step <= top:
        start, end, share = {peak} / 25, {peak}, step / top
    else:
        start, end, share = {peak}, {peak} / 25 / 1e4, (step - top) / (max(num_steps - 1, 1) - top)
    return end + (start - end) / 2 * (1 + math.cos(math.pi * share))
'''

_WARMUP_AND_FALL = '''

def learning_rate_at(step, num_steps):
    """Return the learning rate of a step (0 is the first): up along a line, then down to 0."""
    warmup_steps = {warmup} * num_steps
    if step < warmup_steps:
        return {peak} * (step + 1) / (warmup_steps + 1)
    share = (step - warmup_steps) / max(num_steps - warmup_steps, 1)
    return {fall}
'''
