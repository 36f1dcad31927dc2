complete -c kea-pools -s c -l config -d 'Kea\'s configuration, a file or a directory [default: in the usual places]' -r -F
complete -c kea-pools -s t -l type -d 'Source of the leases: memfile, mysql (mariadb), pgsql (postgresql), or api, the running server' -r -f -a "memfile\t''
mysql\t''
pgsql\t''
api\t''"
complete -c kea-pools -s n -l name -d 'Database name; with memfile, the lease file' -r
complete -c kea-pools -s h -l host -d 'Database host; a path is a socket or a directory of sockets' -r
complete -c kea-pools -l socket -d 'Control channel of a running server: a unix socket, or http:// or https:// with host and port' -r
complete -c kea-pools -s P -l port -d 'TCP port of the database server' -r
complete -c kea-pools -s u -l user -d 'User name for the database, or for HTTP' -r
complete -c kea-pools -l password-file -d 'File whose first line is the password' -r -F
complete -c kea-pools -l ssl-mode -d 'Use of TLS: disable, prefer, require, verify-ca, verify-full' -r -f -a "disable\t''
prefer\t''
require\t''
verify-ca\t''
verify-full\t''"
complete -c kea-pools -l trust-anchor -d 'Trusted certificate authorities, a PEM file or a directory of them' -r -F
complete -c kea-pools -l cert-file -d 'Client certificate, PEM' -r -F
complete -c kea-pools -l key-file -d 'Private key of the client certificate, PEM' -r -F
complete -c kea-pools -l connect-timeout -d 'Time limit for connecting to the database server [default: 5], and for each answer with api [default: 30]' -r
complete -c kea-pools -l time-zone -d 'Time zone of Kea\'s times in MySQL: database, local, or a name such as Europe/Zurich' -r
complete -c kea-pools -l by -d 'Level of the rows: network (shared networks, other subnets), subnet, or pool' -r -f -a "network\t''
subnet\t''
pool\t''"
complete -c kea-pools -l warning -d 'Used share in % that is not yet a warning: a number or a range [default: 80]' -r
complete -c kea-pools -l critical -d 'Used share in % that is not yet critical: a number or a range [default: 90]' -r
complete -c kea-pools -l warning-free -d 'Warning if fewer than N addresses or prefixes are free' -r
complete -c kea-pools -l critical-free -d 'Critical if fewer than N addresses or prefixes are free' -r
complete -c kea-pools -l min-size -d 'A row with fewer than N addresses or prefixes in total is always OK' -r
complete -c kea-pools -l basis -d 'Count from leases (exact), statistics (an estimate), or auto: leases if they can be read' -r -f -a "auto\t''
leases\t''
statistics\t''"
complete -c kea-pools -l state -d 'File that stores the number of free addresses at each run, for --forecast' -r -F
complete -c kea-pools -l critical-time -d 'With --forecast: critical if it will be full within this time, such as 4h' -r
complete -c kea-pools -l at -d 'Count as of this time, in RFC 3339 or @SECONDS [default: now]' -r
complete -c kea-pools -s f -l format -d 'Format' -r -f -a "table\t'For people'
csv\t'A line for each row of the table'
json\t'One document'
ndjson\t'An object for each row of the table'
nagios\t'For a monitor'
html\t'A page with bars and maps'
dhcpd-pools\t'As dhcpd-pools does: JSON; with thresholds its alarms'"
complete -c kea-pools -s o -l output -d 'File to write; - is standard output' -r -F
complete -c kea-pools -l width -d 'Width in columns [default: the terminal\'s; in a pipe that of the variable COLUMNS]' -r
complete -c kea-pools -l color -d 'Colours: auto, always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c kea-pools -s 4 -d 'DHCPv4 leases'
complete -c kea-pools -s 6 -d 'DHCPv6 leases'
complete -c kea-pools -s p -l password -d 'Prompt for the password (never give it on the command line)'
complete -c kea-pools -l forecast -d 'Estimate when each subnet or network will be full'
complete -c kea-pools -l why -d 'In the table: why it is full, and what helps'
complete -c kea-pools -l help -d 'Print the usual options; --help all prints every option'
complete -c kea-pools -s V -l version -d 'Print version'
