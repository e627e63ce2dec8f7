"""``python -m phenojax.cli``, where the script ``phenojax`` is not on the path."""

import sys

from phenojax.cli.app import main

sys.exit(main())
