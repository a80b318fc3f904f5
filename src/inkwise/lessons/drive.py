"""Google Drive as the place for downloads, only where there is one (N2).

S3 writes to "drive/My Drive/mnist/data/" and never mounts the Drive, so that everywhere, on Colab too, its
data go to a local folder of that name and are gone with the session.
"""

import os
from pathlib import Path

MOUNTED = Path("/content/drive/MyDrive")  # where Colab's drive.mount("/content/drive") puts it


def use_drive(drive: Path = MOUNTED) -> Path | None:
    """Let downloads be kept on Google Drive; return the folder, or None where no Drive is mounted.

    A folder that was chosen before, by $INKWISE_CACHE, stays.

    Args:
        drive: where it would be mounted.
    """
    if not drive.is_dir():
        return None
    return Path(os.environ.setdefault("INKWISE_CACHE", str(drive / "inkwise")))
