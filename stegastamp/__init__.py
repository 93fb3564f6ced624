"""StegaStamp in Keras 3: messages hidden in photos, and a training that says whether the message is carried.

After Tancik, Mildenhall and Ng, "StegaStamp: Invisible Hyperlinks in Physical Photographs", CVPR 2020.

    import stegastamp
    model = stegastamp.load()
    stamped = model.encode(image, "text")    # a NumPy array, a Pillow image, or the path of a file
    reading = model.decode(stamped)          # reading.message == "text", or None

`stegastamp.encode`, `decode` and `detect` do the same with released networks that are loaded once; `encode_film`, `decode_film` and
`detect_film` take files of films. None of it needs TensorFlow.
"""

import lazy_loader

# On first use: a network's library takes its time to import, and many commands need none.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
