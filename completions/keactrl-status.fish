complete -c keactrl-status -s c -l ctrl-config -d 'keactrl.conf to read [default: the usual ones]' -r -F
complete -c keactrl-status -s s -l server -d 'Daemons to look at: all, or some of dhcp4,dhcp6,dhcp_ddns,ctrl_agent,netconf' -r
complete -c keactrl-status -l root -d 'Look at the machine whose root directory is here' -r -F
complete -c keactrl-status -s f -l format -d 'Format' -r -f -a "classic\t'the lines of keactrl status, and what is wrong'"
complete -c keactrl-status -s t -l timeout -d 'Seconds after which the result is written, whoever has not answered' -r
complete -c keactrl-status -l help -d 'Print help'
complete -c keactrl-status -s V -l version -d 'Print version'
