complete -c keactrl-status -s c -l ctrl-config -d 'keactrl.conf to read [default: the usual ones]' -r -F
complete -c keactrl-status -s s -l server -d 'Daemons: all, or some of dhcp4,dhcp6,dhcp_ddns,ctrl_agent,netconf' -r
complete -c keactrl-status -s t -l timeout -d 'Seconds after which the result is written, whoever has not answered' -r
complete -c keactrl-status -l auth-file -d 'File with user:password for daemons that are asked over HTTP' -r -F
complete -c keactrl-status -l root -d 'Look at the machine whose root directory is here' -r -F
complete -c keactrl-status -l warning-uptime -d 'Warn of daemons that have run for less than this' -r
complete -c keactrl-status -l expect-ha -d 'High availability there must be: load-balancing, hot-standby, passive-backup' -r -f -a "load-balancing\t''
hot-standby\t''
passive-backup\t''"
complete -c keactrl-status -l ha-partner-down -d 'How bad a partner is that is down: ok, warning, critical' -r -f -a "ok\t''
warning\t''
critical\t''"
complete -c keactrl-status -s f -l format -d 'Format' -r -f -a "classic\t'the lines of keactrl status, and what is wrong'
table\t'a row for each daemon, and what is wrong'
json\t'everything that was found'
nagios\t'for Nagios, Icinga and other monitors'
prometheus\t'metrics for the textfile collector'"
complete -c keactrl-status -s o -l output -d 'File to write; - is standard output' -r -F
complete -c keactrl-status -l state -d 'Keep what servers have counted in FILE, and warn if none is answered between two looks' -r -F
complete -c keactrl-status -l color -d 'Colours: auto, always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c keactrl-status -l with-config -d 'Ask for the running configurations too, and show them in json without their secrets'
complete -c keactrl-status -s q -l quiet -d 'Write nothing: the exit status tells'
complete -c keactrl-status -s v -l verbose -d 'Say what was looked at and found, on standard error'
complete -c keactrl-status -l help -d 'Print help'
complete -c keactrl-status -s V -l version -d 'Print version'
