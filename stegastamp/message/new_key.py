"""The command `key`: a new key in a file."""

import secrets

from longrun.run.output import write_output
from stegastamp.message.formats import formats_with
from stegastamp.message.key import Key

BYTES = 32
"""Random bytes of a new key; the file has them as hexadecimal digits, in one line."""


def make(file: str, /) -> None:
    """Make a key: whoever has it writes and reads stamps that nobody else can write or read.

    `encode`, `decode` and `detect` take it as --key FILE. Only its owner may read the file; one that exists is not replaced.
    Messages with a key are shorter: a part of the bits is a tag that only the key makes.

    file: The file to write.

    Example:
        python -m stegastamp key shop.key
    """
    key = secrets.token_hex(BYTES)
    write_output(file, f"{key}\n", overwrite=False, mode=0o600)
    print(f"{file}: {8 * BYTES} random bits, to be read by you alone. With it\n")
    print("| format | says | corrects | tag | a forged word is taken for true with probability |\n|---|---|---|---|---|")
    for form in formats_with(Key(key.encode())).values():
        corrects = f"{form.code.correctable} of {form.code.word_bits} bits"
        print(f"| {form.name} | {form.capacity} | {corrects} | {form.seal.tag_bits} bits | {2.0**-form.seal.tag_bits:.1e} |")
