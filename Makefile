# Every target is one call of bootstrap.py, which needs nothing but Python; nothing else is decided here.
ifndef PYTHON
PYTHON := $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	if $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then echo $$p; break; fi; done)
endif

.PHONY: help setup report test lab bench calibrate

help setup report test lab bench calibrate:
	@test -n "$(PYTHON)" || { echo "make: Python 3.11 or newer is needed; if it has another name: make $@ PYTHON=name" >&2; exit 1; }
	@"$(PYTHON)" bootstrap.py $(if $(filter help,$@),--help,$@)
