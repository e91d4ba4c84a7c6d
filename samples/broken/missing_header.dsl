/// Wrong on purpose: a C header that isn't there; what it would have brought is not reported.

include "nowhere.h";

struct by_address { struct nowhere_address address; };

map addresses: hash<by_address, nowhere_t>[NOWHERE_LIMIT];
