complete -c kea-lease-dump -s c -l config -d 'Kea\'s configuration, a file or a directory [default: in the usual places]' -r -F
complete -c kea-lease-dump -s t -l type -d 'Source of the leases: memfile, mysql (mariadb), pgsql (postgresql), or api, the running server' -r -f -a "memfile\t''
mysql\t''
pgsql\t''
api\t''"
complete -c kea-lease-dump -s n -l name -d 'Database name; with memfile, the lease file' -r
complete -c kea-lease-dump -s h -l host -d 'Database host; a path is a socket or a directory of sockets' -r
complete -c kea-lease-dump -l socket -d 'Control channel of a running server: a unix socket, or http:// or https:// with host and port' -r
complete -c kea-lease-dump -s P -l port -d 'TCP port of the database server' -r
complete -c kea-lease-dump -s u -l user -d 'User name for the database, or for HTTP' -r
complete -c kea-lease-dump -l password-file -d 'File whose first line is the password' -r -F
complete -c kea-lease-dump -l ssl-mode -d 'Use of TLS: disable, prefer, require, verify-ca, verify-full' -r -f -a "disable\t''
prefer\t''
require\t''
verify-ca\t''
verify-full\t''"
complete -c kea-lease-dump -l trust-anchor -d 'Trusted certificate authorities, a PEM file or a directory of them' -r -F
complete -c kea-lease-dump -l cert-file -d 'Client certificate, PEM' -r -F
complete -c kea-lease-dump -l key-file -d 'Private key of the client certificate, PEM' -r -F
complete -c kea-lease-dump -l connect-timeout -d 'Time limit for connecting to the database server [default: 5], and for each answer with api [default: 30]' -r
complete -c kea-lease-dump -l time-zone -d 'Time zone of Kea\'s times in MySQL: database, local, or a name such as Europe/Zurich' -r
complete -c kea-lease-dump -l state -d 'Only leases in this state: assigned, declined, expired (not reclaimed yet), expired-reclaimed, released, registered' -r -f -a "assigned\t''
declined\t''
expired\t''
expired-reclaimed\t''
released\t''
registered\t''"
complete -c kea-lease-dump -l subnet -d 'Only this subnet, by its id or prefix' -r
complete -c kea-lease-dump -l range -d 'Only addresses in this range: 192.0.2.0/24, 192.0.2.10-192.0.2.99' -r
complete -c kea-lease-dump -l mac -d 'Only hardware addresses that begin with this' -r
complete -c kea-lease-dump -l hostname -d 'Only host names that contain this text; with * or ?, that match it as a whole' -r
complete -c kea-lease-dump -l client-id -d 'Only client identifiers (DHCPv4) that begin with this' -r
complete -c kea-lease-dump -l duid -d 'Only DUIDs (DHCPv6) that begin with this' -r
complete -c kea-lease-dump -l lease-type -d 'Only addresses (na) or prefixes (pd) of DHCPv6' -r -f -a "na\t''
pd\t''"
complete -c kea-lease-dump -l expiring -d 'Only leases that end within this time, such as 1h' -r
complete -c kea-lease-dump -l new -d 'Only leases granted or renewed within this time, such as 10m' -r
complete -c kea-lease-dump -l search -d 'Only leases with this text in their address, host name, hardware address, client identifier or DUID; with * or ?, one of them that matches as a whole' -r
complete -c kea-lease-dump -s o -l output -d 'File to write, or directory for kea-leases4.csv and kea-leases6.csv; - is standard output' -r -F
complete -c kea-lease-dump -s f -l format -d 'Format' -r -f -a "memfile\t'Kea\'s own lease file, which Kea loads'
csv\t'RFC 4180, safe for spreadsheets'
json\t'one document: an array of objects with the field names of Kea\'s API'
ndjson\t'one such object a line'"
complete -c kea-lease-dump -l for -d 'Format of this release of Kea, such as 2.2 [default: the newest, which every release loads]' -r
complete -c kea-lease-dump -l sort -d 'Sort the rows by address' -r -f -a "address\t''"
complete -c kea-lease-dump -l anonymize-key -d 'File with a secret of at least 16 bytes; every run with it makes the same replacements' -r -F
complete -c kea-lease-dump -l manifest -d 'Write a description of the dump, with its SHA-256, as JSON' -r -F
complete -c kea-lease-dump -s 4 -d 'DHCPv4 leases'
complete -c kea-lease-dump -s 6 -d 'DHCPv6 leases'
complete -c kea-lease-dump -s p -l password -d 'Prompt for the password (never give it on the command line)'
complete -c kea-lease-dump -l strict -d 'Stop at the first bad row, without changing a file'
complete -c kea-lease-dump -l anonymize -d 'Replace names, hardware addresses, client identifiers, DUIDs and the strings of user contexts'
complete -c kea-lease-dump -l anonymize-addresses -d 'Replace leased addresses and prefixes too, preserving common prefixes'
complete -c kea-lease-dump -l utc -d 'With csv: times in UTC'
complete -c kea-lease-dump -l epoch -d 'With csv: times in seconds since 1970'
complete -c kea-lease-dump -s v -l verbose -d 'Print on stderr what was read and written'
complete -c kea-lease-dump -l help -d 'Print the usual options; --help all prints every option'
complete -c kea-lease-dump -s V -l version -d 'Print version'
