complete -c dhcpload -s I -l interface -d 'Interface to send from [default: the one in the server\'s network]' -r -f -a '(command ls /sys/class/net)'
complete -c dhcpload -s s -l server -d 'Server to measure, or all; an answer of any other server ends the run; may be given more than once' -r
complete -c dhcpload -l relay -d 'Act as these relay agents, addresses of this host; each client has one' -r
complete -c dhcpload -l link-address -d 'With -6 --relay: link addresses of the relay agents [default: those of --relay]' -r
complete -c dhcpload -l server-netns -d 'Network namespace of the server, to count the datagrams that its sockets drop [default: this one]' -r
complete -c dhcpload -s r -l rate -d 'Exchanges to begin per second [default: 10; with --find-max the first rate, 50]' -r
complete -c dhcpload -s d -l duration -d 'Time in which exchanges begin, such as 60s or 5m [default: 10s; with --find-max 2s for each rate]' -r
complete -c dhcpload -s R -l clients -d 'Number of clients, which take turns [default: 100; with --find-max more as needed]' -r
complete -c dhcpload -l exchange -d 'dora, discover, inform; with -6 sarr, solicit, rapid, info-request [default: dora, sarr]' -r -f -a "dora\t''
discover\t''
inform\t''
sarr\t''
solicit\t''
rapid\t''
info-request\t''"
complete -c dhcpload -l mix -d 'Shares of exchanges, such as new=70,renew=20,rebind=2,release=8' -r
complete -c dhcpload -l ramp -d 'Rates from FROM to TO, by STEP; the duration is divided among them' -r
complete -c dhcpload -l find-max -d 'Find the highest rate that meets these conditions, such as loss<1%,p99<50ms [default: loss<1%]' -r
complete -c dhcpload -s t -l timeout -d 'Time to wait for an answer' -r
complete -c dhcpload -l limit-rate -d 'Allow rates up to N' -r
complete -c dhcpload -l limit-clients -d 'Allow up to N clients' -r
complete -c dhcpload -l option -d 'Add an option, such as 60=MSFT or "Host Name Option=pc"; may be given more than once' -r
complete -c dhcpload -l profile -d 'Send the options of this kind of client; dhcptest --profile list prints all kinds' -r
complete -c dhcpload -l mac-base -d 'Hardware address of the first client; the others follow [default: 02:00:5e:a0:00:00]' -r
complete -c dhcpload -l mac-file -d 'File with a hardware address in each line, instead of -R' -r -F
complete -c dhcpload -l expect -d 'Conditions for the run, such as loss<0.1%,p99<20ms,nak=0; exit status 1 if one is not met' -r
complete -c dhcpload -l hlog -d 'Write histograms of the response times, in the log format of HdrHistogram' -r -F
complete -c dhcpload -l pcap -d 'Write the first 100 packets of each second to a packet capture' -r -F
complete -c dhcpload -s f -l format -d 'Format' -r -f -a "text\t'Tables and plots'
json\t'One JSON document'
csv\t'A row for each second'"
complete -c dhcpload -s 4 -d 'DHCPv4, the default'
complete -c dhcpload -s 6 -d 'DHCPv6'
complete -c dhcpload -l this-is-my-network -d 'Allow an interface that leads to other machines'
complete -c dhcpload -l storm -d 'All clients begin at once and retry until they have a lease, as after a power failure'
complete -c dhcpload -l keep-leases -d 'Do not release the leases'
complete -c dhcpload -l broadcast -d 'Ask servers to broadcast their answers'
complete -c dhcpload -s q -l quiet -d 'Print no progress'
complete -c dhcpload -s h -l help -d 'Print the usual options; --help all prints every option'
complete -c dhcpload -s V -l version -d 'Print version'
