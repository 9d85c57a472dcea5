package states

import am "github.com/pancsta/asyncmachine-go/pkg/machine"

// S is a list of states.
type S = am.S

// States are the states: what they are, and how they relate.
var States = am.Struct{
	Start: {},
	IsDHT: {},
	Ready: {
		Auto:    true,
		Require: S{Start, Connected},
	},
	IdentityReady: {Remove: GroupId},
	GenIdentity: {
		Auto:   true,
		Remove: GroupId,
	},
	BootstrapsConnected: {},
	EventHostConnected: {
		Multi:   true,
		Require: S{Start},
		Add:     S{Connected},
	},
	Connected: {
		Require: S{Start},
		Remove:  GroupC,
	},
	Connecting: {
		Auto:    true,
		Require: S{Start, IdentityReady},
		Remove:  GroupC,
	},
	Disconnecting: {Remove: S{Connecting, Connected, Disconnecting, BootstrapsConnected}},
	JoiningTopic: {
		Multi:   true,
		Require: S{Connected},
	},
	TopicJoined: {
		Multi:   true,
		Require: S{Connected},
		Add:     S{FwdToSim},
	},
	LeavingTopic: {
		Multi:   true,
		Require: S{Connected},
	},
	TopicLeft: {
		Multi:   true,
		Require: S{Connected},
		Add:     S{FwdToSim},
	},
	SendingMsgs: {
		Multi:   true,
		Require: S{Connected},
	},
	MsgsSent: {
		Multi:   true,
		Require: S{Connected},
		Add:     S{FwdToSim},
	},
	FwdToSim: {},
}

// Groups of states.
var (
	GroupC  = S{Connecting, Connected, Disconnecting}
	GroupId = S{GenIdentity, IdentityReady}
)

// The states by name.
const (
	Start               = "Start"
	IsDHT               = "IsDHT"
	Ready               = "Ready"
	IdentityReady       = "IdentityReady"
	GenIdentity         = "GenIdentity"
	BootstrapsConnected = "BootstrapsConnected"
	EventHostConnected  = "EventHostConnected"
	Connected           = "Connected"
	Connecting          = "Connecting"
	Disconnecting       = "Disconnecting"
	JoiningTopic        = "JoiningTopic"
	TopicJoined         = "TopicJoined"
	LeavingTopic        = "LeavingTopic"
	TopicLeft           = "TopicLeft"
	SendingMsgs         = "SendingMsgs"
	MsgsSent            = "MsgsSent"
	FwdToSim            = "FwdToSim"
)

// Names are the names of the states, in their order.
var Names = S{
	Start,
	IsDHT,
	Ready,
	IdentityReady,
	GenIdentity,
	BootstrapsConnected,
	EventHostConnected,
	Connected,
	Connecting,
	Disconnecting,
	JoiningTopic,
	TopicJoined,
	LeavingTopic,
	TopicLeft,
	SendingMsgs,
	MsgsSent,
	FwdToSim,
	am.Exception,
}
