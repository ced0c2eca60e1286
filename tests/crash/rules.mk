# Rules for what a newcomer does not wait for in full: planted faults, and the long forms.

.PHONY: planted soak
planted:
	$(MAKE) all VARIANT=planted
	tests/with-node node tests/crash/planted.mjs

soak: prepare
	$(MAKE) all
	$(MAKE) all VARIANT=asan
	tests/with-node node tests/soak/run.mjs
