import a.b as c, d
from ..e import (f as g,
 h,)
from . import *
def m():
  from n import o; import p
