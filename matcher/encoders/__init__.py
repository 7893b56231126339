"""Sentence encoders: the protocol, the light runtime for the shipped model, and any sentence-transformers model."""

from matcher.encoders.loading import SHIPPED, load_encoder
from matcher.encoders.port import Encoder, EncoderError, Vector, Vectors, full_name

__all__ = ["SHIPPED", "Encoder", "EncoderError", "Vector", "Vectors", "full_name", "load_encoder"]
