complete -c dhcptest -l hex -d 'Send the octets in this file, which are in hexadecimal; - is standard input' -r -F
complete -c dhcptest -l replay -d 'Send the clients\' messages of this packet capture, one after the other' -r -F
complete -c dhcptest -l only-mac -d 'With --listen: only packets from or about this hardware address' -r
complete -c dhcptest -l only-type -d 'With --listen: only messages of this type. Repeatable' -r -f -a "discover\t''
request\t''
inform\t''
decline\t''
release\t''
bootp\t''
solicit\t''
renew\t''
rebind\t''
confirm\t''
information-request\t''
leasequery\t''"
complete -c dhcptest -l repeat -d 'Number of repetitions' -r
complete -c dhcptest -l iface -d 'Interface to use' -r -f -a '(command ls /sys/class/net)'
complete -c dhcptest -l bind -d 'Address of this host to send from and to listen on' -r
complete -c dhcptest -l target -d 'Send to this address instead of all servers' -r
complete -c dhcptest -l bind-port -d 'Port to send from and to listen on [default: 68; with --giaddr 67; with -6 546, with --relay 547]' -r
complete -c dhcptest -l target-port -d 'Port to send to [default: 67; with -6 547]' -r
complete -c dhcptest -l source-mac -d 'Ethernet source address' -r
complete -c dhcptest -l vlan -d 'VLAN (IEEE 802.1Q) to send to and to receive from' -r
complete -c dhcptest -l message -d 'Type of the message, by name or number; bootp is one without a type' -r -f -a "discover\t''
request\t''
inform\t''
decline\t''
release\t''
bootp\t''
solicit\t''
renew\t''
rebind\t''
confirm\t''
information-request\t''
leasequery\t''"
complete -c dhcptest -l option -d 'Add an option, such as 60=MSFT, 82[hex]=0102 or "Host Name Option=pc". Repeatable' -r
complete -c dhcptest -l request -d 'Request this option, by number or name. Repeatable' -r
complete -c dhcptest -l profile -d 'Send the options of this kind of client; list prints all kinds' -r -f -a "windows\t''
macos\t''
iphone\t''
android\t''
linux\t''
pxe-bios\t''
pxe-uefi\t''
pxe-arm64\t''
cable-modem\t''
voip-phone\t''
list\t''"
complete -c dhcptest -l mac -d 'Hardware address of the client [default: a random one]' -r
complete -c dhcptest -l secs -d 'Seconds since the client began' -r
complete -c dhcptest -l giaddr -d 'Address of the relay to act as' -r
complete -c dhcptest -l ciaddr -d 'Present address of the client' -r
complete -c dhcptest -l flags -d 'Flags, such as 0x8000 [default: 0x8000 where all servers are asked, else 0]' -r
complete -c dhcptest -l hops -d 'Number of relays that the message has passed' -r
complete -c dhcptest -l htype -d 'Type of hardware address' -r
complete -c dhcptest -l hlen -d 'Length of the hardware address, valid or not' -r
complete -c dhcptest -l sname -d 'Field sname, at most 64 octets' -r
complete -c dhcptest -l file -d 'Field file, at most 128 octets' -r
complete -c dhcptest -l pad -d 'Pad the message with zeros to this number of octets' -r
complete -c dhcptest -l duid -d 'The client\'s DUID: llt@SECONDS:MAC, en:NUMBER:HEX, ll:MAC, uuid:UUID or hex [default: ll: and the address of --mac]' -r
complete -c dhcptest -l server-duid -d 'DUID of the server that the message is for; only its answers count' -r
complete -c dhcptest -l ia-na -d 'Request an address, or these addresses, with this IAID. Repeatable [default: one, with the IAID 1]' -r
complete -c dhcptest -l ia-pd -d 'Request a delegated prefix, or these prefixes, with this IAID. Repeatable' -r
complete -c dhcptest -l relay -d 'Act as a relay agent: send messages in a Relay-forward with this link address' -r
complete -c dhcptest -l peer -d 'With --relay: peer address, which is the address of the client' -r
complete -c dhcptest -l relay-option -d 'With --relay: an option of the Relay-forward, such as interface-id=eth0. Repeatable' -r
complete -c dhcptest -l timeout -d 'Time to wait for an answer to each try; 0 is no limit [default: 60; with DHCPv6 10]' -r
complete -c dhcptest -l tries -d 'Number of tries; 0 is no limit' -r
complete -c dhcptest -l print-only -d 'Print only the value of this option of an answer, in a format if one is given' -r
complete -c dhcptest -l format -d 'Format' -r -f -a "verbose\t'lines for people, with comments'
plain\t'the same without comments'
json\t'one document'
ndjson\t'a line for each packet'"
complete -c dhcptest -l pcap -d 'Write sent and received packets to a packet capture' -r -F
complete -c dhcptest -l expect -d 'Expectation, such as "option:6 contains 192.0.2.53"; status 1 if it does not hold. Repeatable' -r
complete -c dhcptest -l query -d 'Send a message, print the first answer and exit, instead of reading commands'
complete -c dhcptest -l wait -d 'Wait for all answers until the timeout, and list their servers'
complete -c dhcptest -l dora -d 'The whole exchange: DISCOVER, REQUEST, then RELEASE'
complete -c dhcptest -l keep -d 'With --dora or --sarr: keep the lease'
complete -c dhcptest -l compare -d 'Wait for all offers and print them in columns; fields that differ come first'
complete -c dhcptest -l listen -d 'Send nothing, print all DHCP and DHCPv6 packets on the interface'
complete -c dhcptest -s r -l raw -d 'Send and receive Ethernet frames, even if UDP would work'
complete -c dhcptest -s 6 -d 'DHCPv6: a Solicit, or what --message says: request, renew, rebind, confirm, release, decline, information-request'
complete -c dhcptest -l sarr -d 'The whole exchange: Solicit, Request, then Release'
complete -c dhcptest -l rapid-commit -d 'Allow the server to grant the lease in its first answer'
complete -c dhcptest -s q -l quiet -d 'Print only received packets and errors'
complete -c dhcptest -l hexdump -d 'Print the octets of each packet too'
complete -c dhcptest -s h -l help -d 'Print the usual options; --help all prints every option'
complete -c dhcptest -s V -l version -d 'Print version'
