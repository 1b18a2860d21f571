/** The broker portal with every part real. The audit log comes last: it is held against what all of them did. */
import './broker-portal/registration';
import './broker-portal/lost-credentials';
import './broker-portal/unknown-brokers';
import './broker-portal/records';
