complete -c kea-support-bundle -s o -l output -d 'File or directory to write to, or - for standard output [default: the current directory]' -r -F
complete -c kea-support-bundle -s c -l config -d 'Configuration to collect; may be given more than once [default: those of this machine]' -r -F
complete -c kea-support-bundle -l since -d 'Only logs from this time on: 24h (before now), 2026-11-29 08:00, yesterday' -r
complete -c kea-support-bundle -l log-size -d 'Size of the part to collect from the end of each log' -r
complete -c kea-support-bundle -l leases -d 'Leases: none, a summary with the last ones, or all' -r -f -a "none\t''
summary\t''
all\t''"
complete -c kea-support-bundle -l note -d 'Text for the reader of the bundle' -r
complete -c kea-support-bundle -l label -d 'Name to use in the file name instead of the host name' -r
complete -c kea-support-bundle -l pcap -d 'Make and capture one DHCPv4 exchange on this interface; its lease is released' -r
complete -c kea-support-bundle -l include -d 'Further text file to collect; may be given more than once' -r -F
complete -c kea-support-bundle -l anonymize-key -d 'File with a secret of at least 16 bytes; every run with it makes the same replacements' -r -F
complete -c kea-support-bundle -l timeout -d 'Time limit for the whole run, in seconds' -r
complete -c kea-support-bundle -l root -d 'Collect from the machine with this root directory' -r -F
complete -c kea-support-bundle -l no-logs -d 'Collect no logs'
complete -c kea-support-bundle -l anonymize -d 'Replace host names, hardware addresses, client identifiers and DUIDs, consistently in all files'
complete -c kea-support-bundle -l anonymize-addresses -d 'Replace addresses and prefixes too, preserving common prefixes'
complete -c kea-support-bundle -l dry-run -d 'List what would be in the bundle, and write nothing'
complete -c kea-support-bundle -s h -l help -d 'Print the usual options; --help all prints every option'
complete -c kea-support-bundle -s V -l version -d 'Print version'
