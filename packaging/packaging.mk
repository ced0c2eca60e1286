# Installing: `make install PREFIX=/usr/local`, `make deb`. docs/operations.md describes both.

PREFIX ?= /usr/local
INSTALLED_PROGRAM = $(PREFIX)/bin/stator
INSTALLED_DOCUMENTS = $(PREFIX)/share/doc/stator
INSTALLED_DASHBOARDS = $(PREFIX)/share/stator/dashboards

# Under DESTDIR when it is given, as packages want it.
.PHONY: install deb
install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(INSTALLED_DOCUMENTS) \
	    $(DESTDIR)$(INSTALLED_DASHBOARDS) \
	    $(DESTDIR)$(PREFIX)/lib/systemd/system $(DESTDIR)$(PREFIX)/lib/sysusers.d
	install -m 755 $(BUILD)/stator $(DESTDIR)$(INSTALLED_PROGRAM)
	install -m 644 docs/*.md LICENSE $(DESTDIR)$(INSTALLED_DOCUMENTS)
	install -m 644 dashboards/*.json $(DESTDIR)$(INSTALLED_DASHBOARDS)
	install -m 644 packaging/stator.sysusers $(DESTDIR)$(PREFIX)/lib/sysusers.d/stator.conf
	sed -e 's|@PROGRAM@|$(INSTALLED_PROGRAM)|; s|@DOCUMENTS@|$(INSTALLED_DOCUMENTS)|' \
	    packaging/stator.service.in > $(DESTDIR)$(PREFIX)/lib/systemd/system/stator.service
	chmod 644 $(DESTDIR)$(PREFIX)/lib/systemd/system/stator.service

deb: all
	packaging/deb.sh $(BUILD)
