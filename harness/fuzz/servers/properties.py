"""What has to hold of servers whatever is sent. Each property judges the trials that it concerns.

To add one: write a function that yields causes and one that says which trials have to do with it, and add a
row to the table of the module that it belongs to. A cause is one line without anything that changes from run
to run. `steps` show the breach when the finding's script is played, and pass where there is none.
"""

from harness.fuzz.property import Property
from harness.fuzz.servers.answers import ANSWERS
from harness.fuzz.servers.deliveries import DELIVERIES
from harness.fuzz.servers.ends import ENDINGS

PROPERTIES: tuple[Property, ...] = (*ENDINGS, *ANSWERS, *DELIVERIES)
