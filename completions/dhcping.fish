complete -c dhcping -s s -l server -d 'Server to ask; with -I or --exclusive all are asked and this one must answer. Repeatable. In DHCPv6 a DUID (ll:…) or a link-local address' -r
complete -c dhcping -s I -l interface -d 'Interface on which all servers are asked. Repeatable' -r -f -a '(command ls /sys/class/net)'
complete -c dhcping -s g -l relay -d 'Act as a relay with this address of this host, on port 67 (DHCPv6: 547)' -r
complete -c dhcping -l option82 -d 'Relay agent information to include, such as circuit-id=port1' -r
complete -c dhcping -l vlan -d 'VLAN (IEEE 802.1Q) to send in' -r
complete -c dhcping -l from-config -d 'Probe every subnet of this Kea configuration, as by its relay or on its interface' -r -F
complete -c dhcping -s c -l client -d 'Address of the client' -r
complete -c dhcping -s h -l hardware -d 'Hardware address of the client [default: one made for this host, 02:6b:65:…]' -r
complete -c dhcping -l duid -d 'DHCPv6: the client\'s DUID, such as ll:02:00:5e:00:53:01 [default: of the hardware address]' -r
complete -c dhcping -s t -l timeout -d 'Time to wait for an answer to each message; it doubles with each try' -r
complete -c dhcping -l tries -d 'Number of tries' -r
complete -c dhcping -l secs -d 'Value of secs: seconds since the client began' -r
complete -c dhcping -l count -d 'Number of probes, with one line each and a summary; 0 is until Ctrl-C' -r
complete -c dhcping -l interval -d 'Time from one probe to the next' -r
complete -c dhcping -l expect -d 'Expected kind of answer [default: any but a refusal; with --full an ack]' -r -f -a "any\t'any valid answer, including a refusal'
offer\t'DHCPOFFER'
ack\t'DHCPACK'
nak\t'DHCPNAK'
advertise\t'DHCPv6 Advertise'
reply\t'DHCPv6 Reply'"
complete -c dhcping -l expect-option -d 'Option that the answer must have with this value, such as routers=192.0.2.1. Repeatable' -r
complete -c dhcping -l offered-in -d 'Network that the address must be in. Repeatable: one of them' -r
complete -c dhcping -l warning -d 'Round-trip time that is a warning' -r
complete -c dhcping -l critical -d 'Round-trip time that is critical' -r
complete -c dhcping -l loss-warning -d 'Percentage of unanswered probes that is a warning' -r
complete -c dhcping -l loss-critical -d 'Percentage of unanswered probes that is critical' -r
complete -c dhcping -s f -l format -d 'Format' -r -f -a "text\t'lines for people'
json\t'one document'
nagios\t'a monitoring plugin\'s lines and exit status'
prometheus\t'metrics for the textfile collector'"
complete -c dhcping -s 4 -d 'DHCPv4; the default, unless an address or a mode is of DHCPv6'
complete -c dhcping -s 6 -d 'DHCPv6'
complete -c dhcping -l unicast -d 'With -I: ask only the servers of -s'
complete -c dhcping -l discover -d 'DISCOVER: an offer, no lease'
complete -c dhcping -s r -l request -d 'REQUEST for the address of -c, then RELEASE; the default with -c'
complete -c dhcping -s i -l inform -d 'INFORM: options for the address of -c, or for this host\'s'
complete -c dhcping -l full -d 'DISCOVER, REQUEST, RELEASE; with -6 Solicit, Request, Release'
complete -c dhcping -l reboot -d 'REQUEST of a client that restarts with the address of -c'
complete -c dhcping -l renew -d 'REQUEST of a client that renews the lease of -c; with -6 Renew'
complete -c dhcping -l rebind -d 'REQUEST of a client that asks any server to extend the lease of -c; with -6 Rebind'
complete -c dhcping -l bootp -d 'BOOTP request'
complete -c dhcping -l solicit -d 'DHCPv6 Solicit: an advertisement, no lease'
complete -c dhcping -l rapid-commit -d 'DHCPv6 Solicit with rapid commit, then Release'
complete -c dhcping -l info-request -d 'DHCPv6 Information-request'
complete -c dhcping -l confirm -d 'DHCPv6 Confirm of the address of -c'
complete -c dhcping -l use-interface-mac -d 'The interface\'s own hardware address'
complete -c dhcping -l prefix -d 'DHCPv6: request a prefix too; without -c an answer needs no address'
complete -c dhcping -l yes-this-host -d 'Allow requests with this host\'s own hardware address; their leases are kept'
complete -c dhcping -l no-release -d 'Keep the lease'
complete -c dhcping -l all -d 'Wait for every answer until the timeout, not only for the first'
complete -c dhcping -l exclusive -d 'Only the servers of -s may answer'
complete -c dhcping -s q -l quiet -d 'Print nothing'
complete -c dhcping -s v -l verbose -d 'Print on stderr what was sent, and what was received but ignored'
complete -c dhcping -s V -l packets -d 'Print each packet'
complete -c dhcping -l help -d 'Print the usual options; --help all prints every option'
complete -c dhcping -l version -d 'Print version'
