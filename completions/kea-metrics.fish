complete -c kea-metrics -s c -l config -d 'Query the daemons of this Kea configuration [default: those of this host]' -r -F
complete -c kea-metrics -l server -d 'Server to query: the path of a control socket, a URL, or a name in the file of servers' -r
complete -c kea-metrics -l servers -d 'File with a list of servers, in TOML; all are queried unless --server selects some' -r -F
complete -c kea-metrics -l leases -d 'Whether leases are read, to count pools: auto (within limits), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c kea-metrics -l timeout -d 'Time limit for all answers' -r
complete -c kea-metrics -l names -d 'Names of series: both, kea-exporter, stork, or own (neither of them)' -r -f -a "both\t''
kea-exporter\t''
stork\t''
own\t''"
complete -c kea-metrics -s o -l output -d 'File to write; - is standard output' -r -F
complete -c kea-metrics -l listen -d 'Serve the metrics over HTTP, at 127.0.0.1:9547 unless another address is given, or on systemd\'s socket' -r
complete -c kea-metrics -l min-interval -d 'With --listen: query the daemons again only after this time' -r
complete -c kea-metrics -l no-subnets -d 'Write no series of single subnets'
complete -c kea-metrics -l no-pools -d 'Write no series of single pools'
complete -c kea-metrics -s h -l help -d 'Print the usual options; --help all prints every option'
complete -c kea-metrics -s V -l version -d 'Print version'
