/// Wrong on purpose: carets stand right behind tabs and beside characters of many bytes.

struct value {
	__u32 good;	/* grün, 日本語 */ __u23 bad;
};

/* ünïcödé */ map caret:	hash<__u32, valeu>[8];
