complete -c kea-list-leases -s c -l config -d 'Kea\'s configuration, a file or a directory [default: where Kea keeps it]' -r -F
complete -c kea-list-leases -s t -l type -d 'memfile, mysql (mariadb), pgsql (postgresql), or api: a running server; na and pd are those of --lease-type' -r -f -a "memfile\t''
mysql\t''
pgsql\t''
api\t''"
complete -c kea-list-leases -s n -l name -d 'Database name; with memfile, the lease file' -r
complete -c kea-list-leases -s h -l host -d 'Database host; a path is a socket or a directory of sockets' -r
complete -c kea-list-leases -l socket -d 'Where a running server takes commands: a unix socket, or http:// or https:// with host and port' -r
complete -c kea-list-leases -s P -l port -d 'TCP port of the database server' -r
complete -c kea-list-leases -s u -l user -d 'User of the database, or of the server\'s HTTP' -r
complete -c kea-list-leases -l password-file -d 'File whose first line is the password' -r -F
complete -c kea-list-leases -l ssl-mode -d 'How far to protect the connection: disable, prefer, require, verify-ca, verify-full' -r -f -a "disable\t''
prefer\t''
require\t''
verify-ca\t''
verify-full\t''"
complete -c kea-list-leases -l trust-anchor -d 'Trusted certificate authorities, a PEM file or a directory of them' -r -F
complete -c kea-list-leases -l cert-file -d 'Certificate to show to the server, PEM' -r -F
complete -c kea-list-leases -l key-file -d 'Key to that certificate, PEM' -r -F
complete -c kea-list-leases -l connect-timeout -d 'How long to wait for the database server when connecting [default: 5], and for each answer with api [default: 30]' -r
complete -c kea-list-leases -l time-zone -d 'Zone in which Kea wrote MySQL\'s times: database, local, or a name such as Europe/Zurich' -r
complete -c kea-list-leases -l state -d 'Only leases in this state: assigned, declined, expired (assigned, and past), expired-reclaimed, released, registered' -r
complete -c kea-list-leases -l subnet -d 'Only this subnet, by its number or prefix' -r
complete -c kea-list-leases -l range -d 'Only addresses from here: 192.0.2.0/24, 192.0.2.10-192.0.2.99' -r
complete -c kea-list-leases -l mac -d 'Only hardware addresses that begin with this, in any usual form' -r
complete -c kea-list-leases -l hostname -d 'Only host names that contain this text; with * or ?, that match it as a whole' -r
complete -c kea-list-leases -l client-id -d 'Only client identifiers (DHCPv4) that begin with this' -r
complete -c kea-list-leases -l duid -d 'Only DUIDs (DHCPv6) that begin with this' -r
complete -c kea-list-leases -l lease-type -d 'Only addresses (na) or prefixes (pd) of DHCPv6' -r
complete -c kea-list-leases -l expiring -d 'Only leases that end within this time, such as 1h' -r
complete -c kea-list-leases -l new -d 'Only leases given or renewed within this time, such as 10m' -r
complete -c kea-list-leases -l search -d 'Only leases with this text in their address, host name, hardware address, client identifier or DUID; with * or ?, one of them that matches as a whole' -r
complete -c kea-list-leases -s f -l format -d 'Format' -r -f -a "table\t'columns for people'
csv\t'RFC 4180, safe for spreadsheets'
json\t'one document: an array of objects with the field names of Kea\'s API'
ndjson\t'one such object a line'
classic\t'the columns of older scripts, between bars'
hosts\t'lines for /etc/hosts'
ethers\t'lines for /etc/ethers'
ansible\t'an inventory for Ansible'
prometheus\t'how many leases of each subnet are in which state, for the textfile collector'"
complete -c kea-list-leases -l columns -d 'Columns of table and csv, by name and in this order' -r
complete -c kea-list-leases -l sort -d 'Order: address, hostname, hwaddr, subnet, state, started, expires, none [default: address; none for json, ndjson]' -r
complete -c kea-list-leases -l limit -d 'No more than so many leases of each family' -r
complete -c kea-list-leases -l watch -d 'Redraw the table every so many seconds and mark changes, until q is typed' -r
complete -c kea-list-leases -l color -d 'Colours: auto, always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c kea-list-leases -l vendors -d 'List of hardware address prefixes and their vendors [default: the system\'s]' -r -F
complete -c kea-list-leases -s 4 -d 'DHCPv4 leases'
complete -c kea-list-leases -s 6 -d 'DHCPv6 leases'
complete -c kea-list-leases -s p -l password -d 'Ask for the password (never give it on the command line)'
complete -c kea-list-leases -l all -d 'Every lease, not only active ones'
complete -c kea-list-leases -l reverse -d 'Reverse the order'
complete -c kea-list-leases -l no-header -d 'No heading above the columns'
complete -c kea-list-leases -l history -d 'Every row of the lease file, also of past leases, oldest first'
complete -c kea-list-leases -s q -l quiet -d 'No summary on stderr'
complete -c kea-list-leases -l fail-if-empty -d 'Status 1 if nothing is listed'
complete -c kea-list-leases -l utc -d 'Times in UTC'
complete -c kea-list-leases -l epoch -d 'Times in seconds since 1970'
complete -c kea-list-leases -s v -l verbose -d 'Say what was read'
complete -c kea-list-leases -l help -d 'Print help'
complete -c kea-list-leases -s V -l version -d 'Print version'
