complete -c kea-log-report -s c -l config -d 'Configuration whose loggers name the logs [default: those in the usual places]' -r -F
complete -c kea-log-report -l journal -d 'Read the journal, of one unit or of all of Kea\'s daemons' -r
complete -c kea-log-report -l client -d 'Follow this client, even if a file has that name' -r
complete -c kea-log-report -l since -d 'Only from this time on: 2026-11-29 08:25, 08:25 (today or yesterday), 2h (before now)' -r
complete -c kea-log-report -l until -d 'Only up to this time' -r
complete -c kea-log-report -l tz -d 'Time zone of the logs and of the report [default: this machine\'s]' -r
complete -c kea-log-report -l state -d 'File that stores the positions in the logs; the next run continues there' -r -F
complete -c kea-log-report -l max-clients -d 'Number of clients to follow; messages of further ones are only counted' -r
complete -c kea-log-report -l rates -d 'Messages and leases over time, in steps of this length' -r
complete -c kea-log-report -s f -l format -d 'Format' -r -f -a "text\t'For people'
json\t'One document, or an array of records'
ndjson\t'One record a line'
csv\t'Records as a table'
html\t'A page with plots'
nagios\t'For a monitor'"
complete -c kea-log-report -l width -d 'Width in columns [default: the terminal\'s; in a pipe that of the variable COLUMNS]' -r
complete -c kea-log-report -s o -l output -d 'File to write; - is standard output' -r -F
complete -c kea-log-report -l warning -d 'For nagios: numbers of failures, offers and errors that are a warning [default: failures=1,errors=1]' -r
complete -c kea-log-report -l critical -d 'For nagios: numbers that are critical [default: failures=10]' -r
complete -c kea-log-report -s 4 -l dhcp4 -d 'Only DHCPv4'
complete -c kea-log-report -s 6 -l dhcp6 -d 'Only DHCPv6'
complete -c kea-log-report -l ddns -d 'Only DNS updates'
complete -c kea-log-report -l agent -d 'Only the control agent'
complete -c kea-log-report -l exchanges -d 'One line for each exchange'
complete -c kea-log-report -l leases -d 'Which client had which address, from when until when, and how the lease ended'
complete -c kea-log-report -l unanswered-offers -d 'Clients that got an offer and no acknowledgement'
complete -c kea-log-report -l failures -d 'Failures by kind, cause and place'
complete -c kea-log-report -l hooks -d 'Time in callouts by hook point and library'
complete -c kea-log-report -l isc -d 'Lines in the format of ISC dhcpd, as messages arrive'
complete -c kea-log-report -s v -l verbose -d 'With a client: every message, unchanged'
complete -c kea-log-report -s h -l help -d 'Print the usual options; --help all prints every option'
complete -c kea-log-report -s V -l version -d 'Print version'
