"""The TensorFlow twin: the same recipes trained by Keras, into the same run folder.

Nothing else imports TensorFlow. Importing this package imports it, quietly, and says in one line what to
install where it is missing.
"""

from inkwise.tensorflow.start import start_tensorflow

start_tensorflow()
