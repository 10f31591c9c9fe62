"""From a request's rows to its answer: the queue, the batches, the prediction."""
