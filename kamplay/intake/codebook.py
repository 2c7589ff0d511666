from kamplay.codebook import *  # noqa
