"""The storm: a thousand incidents while processes are killed, mail is out and the disk is full."""
