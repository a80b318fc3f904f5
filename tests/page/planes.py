"""Images of one channel on their way to a JavaScript function and back."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Page
from tests.page.exchange import Exchange

_RUN = """async ({address, width, height, isFloat, module, expression}) => {
    const bytes = await fetchBytes(address);
    const data = isFloat ? new Float32Array(bytes) : new Uint8Array(bytes);
    const functions = await import(`inkwise/${module}`);
    const names = Object.keys(functions);
    const made = new Function("image", ...names, `return ${expression}`)(
        {data, width, height}, ...names.map(name => functions[name]));
    if (!made?.data) return {value: made};
    await sendBytes("plane", made.data);
    return {width: made.width, height: made.height, isFloat: made.data instanceof Float32Array};
}"""


def evaluate(js: Page, exchange: Exchange, image: NDArray[Any], *, module: str, expression: str) -> Any:
    """Return what a JavaScript expression makes of an image.

    Args:
        js: the page.
        exchange: that carries the image.
        image: (H, W) uint8 or float32; called `image` in the expression.
        module: whose functions the expression may use, such as "imaging/blur.js".
        expression: such as "blurred(image, 2)"; a plane comes back as an array, all else as it is.
    """
    made = js.evaluate(
        _RUN,
        {
            "address": exchange.give(np.ascontiguousarray(image).tobytes()),
            "width": image.shape[1],
            "height": image.shape[0],
            "isFloat": image.dtype == np.float32,
            "module": module,
            "expression": expression,
        },
    )
    if "value" in made:
        return made["value"]
    dtype = np.float32 if made["isFloat"] else np.uint8
    return np.frombuffer(exchange.take("plane"), dtype).reshape(made["height"], made["width"])
