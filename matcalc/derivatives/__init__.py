"""What a derivative is: the answer, its derivation and its forms."""
