"""Whose fault it is: a user's error is one line and exit code 2, a bug keeps its traceback."""


class UserError(ValueError):
    """The user's input is at fault; the message is one line that says what is wrong and where.

    Raise it, or a class made from it, for what a person typed, wrote into a file or left in a folder. Anything else that
    goes wrong is a bug and keeps its own class: a command then ends with a traceback.
    """
