"""The other side of `inkwise bench serving`: the handler that tutorials show, as their readers would type it.

One process of FastAPI and uvicorn; an upload is opened by PIL, resized, made a tensor, normalised, run
through PyTorch without gradients, put through softmax, and answered as a dict. Nothing is slowed on purpose.
What its readers often leave as it is was chosen in its favour: uvicorn writes no line for every request, runs
on uvloop and httptools, and PyTorch computes on one thread (two wait for each other as soon as a client runs
beside them: one image took 0.1 s instead of 0.001 on two busy cores).

Sources: FastAPI, "Request Files" (fastapi.tiangolo.com/tutorial/request-files); PyTorch, "Deploying PyTorch
in Python via a REST API with Flask" (docs.pytorch.org/tutorials/intermediate/flask_rest_api_tutorial.html).
"""

import io
import sys
from typing import Any

import torch
import uvicorn
from fastapi import FastAPI, UploadFile
from PIL import Image

from inkwise.classifier import Classifier
from inkwise.experiments.bench.tutorial_images import Compose, Normalize, ToTensor


def create_usual_app(run: str) -> FastAPI:
    """Return the tutorials' application for a classifier: POST /predict takes the form field `file`."""
    classifier = Classifier.load(run)
    model, classes, scaling = classifier.network, classifier.classes, classifier.preprocessing
    transform = Compose([ToTensor(), Normalize((scaling.mean,), (scaling.std,))])
    ends_in_softmax = classifier.header.output == "probabilities"
    app = FastAPI()

    @app.post("/predict")
    async def predict(file: UploadFile) -> dict[str, Any]:
        content = await file.read()
        image = Image.open(io.BytesIO(content)).convert("L").resize((28, 28))
        tensor = transform(image).unsqueeze(0)  # (1, 1, 28, 28)
        with torch.no_grad():
            outputs = model(tensor)
            probabilities = (outputs if ends_in_softmax else torch.softmax(outputs, dim=1))[0]
        label = int(probabilities.argmax())
        return {
            "label": label,
            "class_name": classes[label],
            "probability": float(probabilities[label]),
            "probabilities": probabilities.tolist(),
        }

    return app


def main(run: str, port: str) -> None:
    """Serve run at 127.0.0.1 and port until told to stop."""
    torch.set_num_threads(1)
    uvicorn.run(create_usual_app(run), host="127.0.0.1", port=int(port), access_log=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
