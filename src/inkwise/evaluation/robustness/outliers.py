"""Whether a classifier is less sure of what it has never seen."""

from torch import Tensor


def outlier_auroc(known: Tensor, strange: Tensor) -> float:
    """Return the AUROC: how often a known image is answered more surely than an outlier; 0.5 is chance.

    Args:
        known: (N, K) log-probabilities of images of the classes it knows.
        strange: (M, K) of images of none of them.
    Source: Hendrycks and Gimpel, ICLR 2017: the largest probability, and the area under the ROC curve.
    """
    from sklearn.metrics import roc_auc_score

    surest = [part.amax(1).tolist() for part in (known, strange)]
    is_known = [1] * len(known) + [0] * len(strange)
    return float(roc_auc_score(is_known, [*surest[0], *surest[1]]))
