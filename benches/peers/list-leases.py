#!/usr/bin/env python3
"""Lists the DHCPv4 leases of a PostgreSQL database the way scripts do: psycopg2, all rows, a line or an object each.

list-leases.py table|json [address]: with "address" in that order. libpq's variables say where the database is.
"""

import datetime
import json
import sys

import psycopg2

COLUMNS = "address, hwaddr, client_id, valid_lifetime, expire, subnet_id, hostname, state"


def dotted(number):
    return ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))


def colons(octets):
    return bytes(octets).hex(":") if octets else ""


def main():
    order = " ORDER BY address" if "address" in sys.argv[2:] else ""
    cursor = psycopg2.connect(dbname="kea").cursor()
    cursor.execute(f"SELECT {COLUMNS} FROM lease4{order}")
    rows = cursor.fetchall()
    now = datetime.datetime.now(datetime.timezone.utc)
    if sys.argv[1] == "table":
        for address, hwaddr, client_id, lifetime, expire, subnet, hostname, state in rows:
            print(
                f"{dotted(address):15}  {state}  {hostname or '-':32}  {colons(hwaddr):17}  {colons(client_id):41}"
                f"  {subnet}  {lifetime}  {expire.isoformat()}  {expire - now}"
            )
        return
    leases = [
        {
            "ip-address": dotted(address),
            "hw-address": colons(hwaddr),
            "client-id": colons(client_id),
            "valid-lft": lifetime,
            "expires": expire.isoformat(),
            "remaining": int((expire - now).total_seconds()),
            "subnet-id": subnet,
            "hostname": hostname,
            "state": state,
        }
        for address, hwaddr, client_id, lifetime, expire, subnet, hostname, state in rows
    ]
    sys.stdout.write(json.dumps(leases))


main()
