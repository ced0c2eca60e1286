# How fast, beside what the machine allows and beside a peer; wrk and dynalite are installed first.

.PHONY: bench
bench:
	./install.sh test
	$(MAKE) all $(BUILD)/bench/ceilings
	cd bench && { [ -d node_modules/dynalite ] || npm ci --ignore-scripts </dev/null; }
	BUILD=$(BUILD) tests/with-node node bench/run.mjs
