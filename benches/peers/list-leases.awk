# Lists the leases of a DHCPv4 lease file the way scripts do: the last row of an address wins.
#   awk -v format=table|json -f list-leases.awk kea-leases4.csv

BEGIN { FS = ","; now = systime() }

FNR == 1 { next }
$4 == 0 { delete row[$1]; next }
{ row[$1] = $0 }

END {
    separator = "["
    for (address in row) {
        split(row[address], f, ",")
        expire = strftime("%Y-%m-%dT%H:%M:%S", f[5])
        if (format == "table") {
            printf "%-15s  %s  %-32s  %-17s  %-41s  %s  %s  %s  %s\n", f[1], f[10], f[9], f[2], f[3], f[6], f[4], expire, f[5] - now
        } else {
            printf "%s{\"ip-address\": \"%s\", \"hw-address\": \"%s\", \"client-id\": \"%s\", \"valid-lft\": %s, \"expires\": \"%s\", \"remaining\": %s, \"subnet-id\": %s, \"hostname\": \"%s\", \"state\": %s}", separator, f[1], f[2], f[3], f[4], expire, f[5] - now, f[6], f[9], f[10]
            separator = ",\n"
        }
    }
    if (format != "table") print "]"
}
