#!/usr/bin/env python3
"""Derives from docker-compose.yml (as `docker-compose config` prints it, on standard input) a file for machines that can make
no network: every service on the host's network, names of services in /etc/hosts, no published ports. Nothing else changes."""
import sys

import yaml

file = yaml.safe_load(sys.stdin)
names = list(file["services"])
# Its configuration asks compose's own name server, which is not there.
file["services"].pop("proxy", None)
for service in file["services"].values():
    service.pop("ports", None)
    service.pop("networks", None)
    service["network_mode"] = "host"
    service["extra_hosts"] = [f"{name}:127.0.0.1" for name in names]
yaml.safe_dump(file, sys.stdout, sort_keys=False)
