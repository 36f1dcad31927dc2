complete -c kea-support-bundle -s o -l output -d 'File or directory to write to, or - for standard output [default: the current directory]' -r -F
complete -c kea-support-bundle -s c -l config -d 'Configuration to gather; may be given more than once [default: those of this machine]' -r -F
complete -c kea-support-bundle -l since -d 'Logs from then on: 24h, 2026-11-29 08:00, yesterday' -r
complete -c kea-support-bundle -l log-size -d 'How much of the end of each log' -r
complete -c kea-support-bundle -l leases -d 'Leases: none, a summary with the last ones, or all' -r -f -a "none\t''
summary\t''
all\t''"
complete -c kea-support-bundle -l note -d 'A text for the reader' -r
complete -c kea-support-bundle -l label -d 'Name in the file\'s name, instead of the host\'s' -r
complete -c kea-support-bundle -l pcap -d 'Capture one exchange with the DHCP servers there, whose lease is given back' -r
complete -c kea-support-bundle -l include -d 'A further file; may be given more than once' -r -F
complete -c kea-support-bundle -l anonymize-key -d 'File with a secret of at least 16 bytes; every run with it makes the same replacements' -r -F
complete -c kea-support-bundle -l timeout -d 'Seconds that all of it may take' -r
complete -c kea-support-bundle -l root -d 'Gather from the machine with this root directory' -r -F
complete -c kea-support-bundle -l no-logs -d 'Leave logs out'
complete -c kea-support-bundle -l anonymize -d 'Replace host names, hardware addresses, client identifiers and DUIDs, the same everywhere'
complete -c kea-support-bundle -l anonymize-addresses -d 'Replace addresses and prefixes too, preserving common prefixes'
complete -c kea-support-bundle -l dry-run -d 'List what would be in it, and write nothing'
complete -c kea-support-bundle -s h -l help -d 'Print the usual options; --help all prints every option'
complete -c kea-support-bundle -s V -l version -d 'Print version'
