//! TD2.1: the official lot, refused as it is, taken once its contradictions are aligned.
