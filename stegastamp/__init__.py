"""StegaStamp in Keras 3: messages hidden in photos, and a training that says whether the message is carried.

After Tancik, Mildenhall and Ng, "StegaStamp: Invisible Hyperlinks in Physical Photographs", CVPR 2020.
"""
