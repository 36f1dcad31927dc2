complete -c kea-loggers -s c -l config -d 'Configuration to read; may be given more than once [default: those of the daemons that run, or the usual ones]' -r -F
complete -c kea-loggers -l for -d 'Release of Kea whose rules are applied, such as 2.2 [default: that of the installed daemon]' -r
complete -c kea-loggers -l which -d 'Print whether and where this message, or the messages of this logger, are logged' -r
complete -c kea-loggers -l set -d 'Print the entries of "loggers" that log this; * and ? are wildcards; may be given more than once' -r
complete -c kea-loggers -s f -l format -d 'Format' -r -f -a "table\t'For people'
json\t'One document'
nagios\t'For a monitor'"
complete -c kea-loggers -l width -d 'Width of the table in columns [default: the terminal\'s, or 80]' -r
complete -c kea-loggers -l whole -d 'With --set: print the whole configuration, with the new entries in it'
complete -c kea-loggers -s h -l help -d 'Print the usual options; --help all prints every option'
complete -c kea-loggers -s V -l version -d 'Print version'
