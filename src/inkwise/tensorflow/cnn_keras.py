"""The network "Basic_CNN" of the TensorFlow half of "(TF & PyTorch) MNIST tutorial", in Keras' own words.

1,676,266 parameters for 10 classes; networks/convolutional/cnn_keras.py is the same in PyTorch. The tutorial
calls it by model(images), without training=True, so its three Dropout(0.5) layers never act: dropout=0.0 is
the published training, 0.5 the intended one.
"""

import keras
from keras import layers


def build(*, num_classes: int = 10, dropout: float = 0.5) -> keras.Model:
    """Return the network: (N, 28, 28, 1) float32 -> (N, num_classes) probabilities.

    Args:
        dropout: chance of a value to be dropped in each of the three layers, in [0, 1).
    """
    images = keras.Input((28, 28, 1))

    # Feature extraction. Keras puts channels last; "same" keeps the size.
    x = layers.Conv2D(32, 3, padding="same")(images)
    x = layers.ReLU()(x)  # (N, 28, 28, 32)
    x = layers.Conv2D(32, 3, padding="same")(x)
    x = layers.ReLU()(x)
    x = layers.MaxPooling2D(2)(x)  # (N, 14, 14, 32)
    x = layers.Dropout(dropout)(x)
    x = layers.Conv2D(64, 3, padding="same")(x)
    x = layers.ReLU()(x)  # (N, 14, 14, 64)
    x = layers.Conv2D(64, 3, padding="same")(x)
    x = layers.ReLU()(x)
    x = layers.MaxPooling2D(2)(x)  # (N, 7, 7, 64)
    x = layers.Dropout(dropout)(x)

    # Classification.
    x = layers.Flatten()(x)  # (N, 3136), row by row and channels last
    x = layers.Dense(512)(x)
    x = layers.ReLU()(x)  # (N, 512)
    x = layers.Dropout(dropout)(x)
    x = layers.Dense(num_classes)(x)
    probabilities = layers.Softmax()(x)  # (N, K)

    return keras.Model(images, probabilities, name="Basic_CNN")
