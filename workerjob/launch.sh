#!/bin/sh
# What a job starts instead of a program: a link to this file, with the command line beside it
# (see sandbox.py). A script written for each job would now and then be "busy" (ETXTBSY): a process
# that another thread is just starting still holds it open for writing.
. "$0.box"
