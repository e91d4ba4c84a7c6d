/// Wrong on purpose: imports.

import "nowhere.dsl";
import "cycle_a.dsl";
