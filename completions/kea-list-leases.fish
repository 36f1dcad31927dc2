complete -c kea-list-leases -s c -l config -d 'Kea\'s configuration, a file or a directory [default: in the usual places]' -r -F
complete -c kea-list-leases -s t -l type -d 'Source of the leases: memfile, mysql (mariadb), pgsql (postgresql), or api, the running server' -r -f -a "memfile\t''
mysql\t''
pgsql\t''
api\t''"
complete -c kea-list-leases -s n -l name -d 'Database name; with memfile, the lease file' -r
complete -c kea-list-leases -s h -l host -d 'Database host; a path is a socket or a directory of sockets' -r
complete -c kea-list-leases -l socket -d 'Control channel of a running server: a unix socket, or http:// or https:// with host and port' -r
complete -c kea-list-leases -s P -l port -d 'TCP port of the database server' -r
complete -c kea-list-leases -s u -l user -d 'User name for the database, or for HTTP' -r
complete -c kea-list-leases -l password-file -d 'File whose first line is the password' -r -F
complete -c kea-list-leases -l ssl-mode -d 'Use of TLS: disable, prefer, require, verify-ca, verify-full' -r -f -a "disable\t''
prefer\t''
require\t''
verify-ca\t''
verify-full\t''"
complete -c kea-list-leases -l trust-anchor -d 'Trusted certificate authorities, a PEM file or a directory of them' -r -F
complete -c kea-list-leases -l cert-file -d 'Client certificate, PEM' -r -F
complete -c kea-list-leases -l key-file -d 'Private key of the client certificate, PEM' -r -F
complete -c kea-list-leases -l connect-timeout -d 'Time limit for connecting to the database server [default: 5], and for each answer with api [default: 30]' -r
complete -c kea-list-leases -l time-zone -d 'Time zone of Kea\'s times in MySQL: database, local, or a name such as Europe/Zurich' -r
complete -c kea-list-leases -l state -d 'Only leases in this state: assigned, declined, expired (not reclaimed yet), expired-reclaimed, released, registered' -r -f -a "assigned\t''
declined\t''
expired\t''
expired-reclaimed\t''
released\t''
registered\t''"
complete -c kea-list-leases -l subnet -d 'Only this subnet, by its id or prefix' -r
complete -c kea-list-leases -l range -d 'Only addresses in this range: 192.0.2.0/24, 192.0.2.10-192.0.2.99' -r
complete -c kea-list-leases -l mac -d 'Only hardware addresses that begin with this' -r
complete -c kea-list-leases -l hostname -d 'Only host names that contain this text; with * or ?, that match it as a whole' -r
complete -c kea-list-leases -l client-id -d 'Only client identifiers (DHCPv4) that begin with this' -r
complete -c kea-list-leases -l duid -d 'Only DUIDs (DHCPv6) that begin with this' -r
complete -c kea-list-leases -l lease-type -d 'Only addresses (na) or prefixes (pd) of DHCPv6' -r -f -a "na\t''
pd\t''"
complete -c kea-list-leases -l expiring -d 'Only leases that end within this time, such as 1h' -r
complete -c kea-list-leases -l new -d 'Only leases granted or renewed within this time, such as 10m' -r
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
complete -c kea-list-leases -l columns -d 'Columns of table and csv, by name and in this order' -r -f -a "address\t''
type\t''
state\t''
hostname\t''
hwaddr\t''
vendor\t''
client\t''
iaid\t''
subnet\t''
subnet-id\t''
subnet-name\t''
pool-id\t''
origin\t''
lifetime\t''
preferred\t''
started\t''
expires\t''
remaining\t''
user-context\t''
pool\t''"
complete -c kea-list-leases -l sort -d 'Sort by address, hostname, hwaddr, subnet, state, started, expires, none [default: address; none for json, ndjson]' -r -f -a "address\t''
hostname\t''
hwaddr\t''
subnet\t''
state\t''
started\t''
expires\t''
none\t''"
complete -c kea-list-leases -l limit -d 'List at most this many leases of each family' -r
complete -c kea-list-leases -l watch -d 'Redraw the table every SECONDS; q quits' -r
complete -c kea-list-leases -l width -d 'Width in columns [default: the terminal\'s; in a pipe that of the variable COLUMNS]' -r
complete -c kea-list-leases -l color -d 'Colours: auto, always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c kea-list-leases -l vendors -d 'File with vendors of hardware addresses [default: the system\'s]' -r -F
complete -c kea-list-leases -s 4 -d 'DHCPv4 leases'
complete -c kea-list-leases -s 6 -d 'DHCPv6 leases'
complete -c kea-list-leases -s p -l password -d 'Prompt for the password (never give it on the command line)'
complete -c kea-list-leases -l all -d 'List leases in any state, not only active ones'
complete -c kea-list-leases -l reverse -d 'Reverse the order'
complete -c kea-list-leases -l no-header -d 'Print no header line'
complete -c kea-list-leases -l history -d 'List every row of the lease file, including replaced ones, oldest first'
complete -c kea-list-leases -s q -l quiet -d 'Print no summary on stderr'
complete -c kea-list-leases -l fail-if-empty -d 'Exit with status 1 if no lease is listed'
complete -c kea-list-leases -l utc -d 'Print times in UTC'
complete -c kea-list-leases -l epoch -d 'Print times in seconds since 1970'
complete -c kea-list-leases -l reservations -d 'List reservations, for which client they are, and which client has the lease'
complete -c kea-list-leases -s v -l verbose -d 'Print on stderr what was read'
complete -c kea-list-leases -l help -d 'Print the usual options; --help all prints every option'
complete -c kea-list-leases -s V -l version -d 'Print version'
