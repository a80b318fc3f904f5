"""Answers to more images than one sitting takes: cut into blocks, worked on by Ray, gone on with after any end."""
