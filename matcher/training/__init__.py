"""Training of the shipped encoder on judged pairs. Needs PyTorch and transformers; nothing that serves imports it."""
