"""Let torchvision be imported beside a torch that it was not compiled for: a plug-in for tests of processors.

Processors resize pictures with functions of torch alone; but on import torchvision describes its compiled
operators, which are missing where its package was made for CUDA and torch for a CPU. Here they get names, and
nothing behind them.
"""

import torch

OPERATORS = (
    *("nms", "qnms", "deform_conv2d", "_deform_conv2d_backward", "roi_align", "_roi_align_backward"),
    *("qroi_align", "roi_pool", "_roi_pool_backward", "ps_roi_align", "_ps_roi_align_backward"),
    *("ps_roi_pool", "_ps_roi_pool_backward"),
)

try:
    import torchvision  # noqa: F401
except RuntimeError:
    LIBRARY = torch.library.Library("torchvision", "DEF")
    for name in OPERATORS:
        LIBRARY.define(f"{name}(Tensor pictures) -> Tensor")
