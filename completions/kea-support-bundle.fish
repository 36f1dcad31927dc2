complete -c kea-support-bundle -s o -l output -d 'File or directory to write to [default: the current directory]' -r -F
complete -c kea-support-bundle -s c -l config -d 'Configuration to gather; may be given more than once [default: those of this machine]' -r -F
complete -c kea-support-bundle -l log-size -d 'How much of the end of each log' -r
complete -c kea-support-bundle -l leases -d 'Leases: none, or a summary' -r -f -a "none\t''
summary\t''"
complete -c kea-support-bundle -l note -d 'A text for the reader' -r
complete -c kea-support-bundle -l label -d 'Name in the file\'s name, instead of the host\'s' -r
complete -c kea-support-bundle -l include -d 'A further file; may be given more than once' -r -F
complete -c kea-support-bundle -l timeout -d 'Seconds that the daemons may take to answer' -r
complete -c kea-support-bundle -l root -d 'Gather from the machine with this root directory' -r -F
complete -c kea-support-bundle -l no-logs -d 'Leave logs out'
complete -c kea-support-bundle -l dry-run -d 'List what would be in it, and write nothing'
complete -c kea-support-bundle -s h -l help -d 'Print the usual options; --help all prints every option'
complete -c kea-support-bundle -s V -l version -d 'Print version'
