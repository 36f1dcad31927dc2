complete -c keactrl-status -s c -l ctrl-config -d 'keactrl.conf to read [default: the first of the usual ones]' -r -F
complete -c keactrl-status -s s -l server -d 'Daemons: all, or some of dhcp4,dhcp6,dhcp_ddns,ctrl_agent,netconf' -r -f -a "dhcp4\t''
dhcp6\t''
dhcp_ddns\t''
ctrl_agent\t''
netconf\t''
all\t''"
complete -c keactrl-status -s t -l timeout -d 'Seconds after which the result is written, even if daemons have not answered' -r
complete -c keactrl-status -l auth-file -d 'File with user:password for daemons that are queried over HTTP' -r -F
complete -c keactrl-status -l root -d 'Check the machine with this root directory' -r -F
complete -c keactrl-status -l warning-uptime -d 'Warn about daemons that have run for less than this' -r
complete -c keactrl-status -l expect-ha -d 'Required high-availability mode: load-balancing, hot-standby, passive-backup' -r -f -a "load-balancing\t''
hot-standby\t''
passive-backup\t''"
complete -c keactrl-status -l ha-partner-down -d 'Severity of a partner that is down: ok, warning, critical' -r -f -a "ok\t''
warning\t''
critical\t''"
complete -c keactrl-status -s f -l format -d 'Format' -r -f -a "classic\t'the lines of keactrl status, and the findings'
table\t'one row per daemon, and the findings'
json\t'all facts and findings'
nagios\t'for Nagios, Icinga and other monitors'
prometheus\t'metrics for the textfile collector'"
complete -c keactrl-status -s o -l output -d 'File to write; - is standard output' -r -F
complete -c keactrl-status -l state -d 'Keep the packet counts of servers in FILE, and warn if no client was answered since the last run' -r -F
complete -c keactrl-status -l width -d 'Width in columns [default: the terminal\'s; in a pipe that of the variable COLUMNS]' -r
complete -c keactrl-status -l color -d 'Colours: auto, always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c keactrl-status -l with-config -d 'Include the running configurations in json, without their secrets'
complete -c keactrl-status -s q -l quiet -d 'Print nothing; the result is the exit status'
complete -c keactrl-status -s v -l verbose -d 'Print on standard error what was found, and where'
complete -c keactrl-status -s h -l help -d 'Print the usual options; --help all prints every option'
complete -c keactrl-status -s V -l version -d 'Print version'
