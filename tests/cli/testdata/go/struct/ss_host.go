package states

import am "github.com/pancsta/asyncmachine-go/pkg/machine"

// S is a list of states.
type S = am.S

// States are the states: what they are, and how they relate.
var States = am.Struct{
	PeersPending:       {},
	PeersDead:          {},
	GetPeers:           {Multi: true},
	PeerNewStream:      {Multi: true},
	PeerCloseStream:    {Multi: true},
	PeerError:          {Multi: true},
	PublishMessage:     {Multi: true},
	BlacklistPeer:      {Multi: true},
	GetTopics:          {Multi: true},
	AddTopic:           {Multi: true},
	RemoveTopic:        {Multi: true},
	AnnouncingTopic:    {Multi: true},
	TopicAnnounced:     {Multi: true},
	RemoveSubscription: {Multi: true},
	AddSubscription:    {Multi: true},
	AddRelay:           {Multi: true},
	RemoveRelay:        {Multi: true},
	IncomingRPC:        {Multi: true},
	AddValidator:       {Multi: true},
	RemoveValidator:    {Multi: true},
}

// The states by name.
const (
	PeersPending       = "PeersPending"
	PeersDead          = "PeersDead"
	GetPeers           = "GetPeers"
	PeerNewStream      = "PeerNewStream"
	PeerCloseStream    = "PeerCloseStream"
	PeerError          = "PeerError"
	PublishMessage     = "PublishMessage"
	BlacklistPeer      = "BlacklistPeer"
	GetTopics          = "GetTopics"
	AddTopic           = "AddTopic"
	RemoveTopic        = "RemoveTopic"
	AnnouncingTopic    = "AnnouncingTopic"
	TopicAnnounced     = "TopicAnnounced"
	RemoveSubscription = "RemoveSubscription"
	AddSubscription    = "AddSubscription"
	AddRelay           = "AddRelay"
	RemoveRelay        = "RemoveRelay"
	IncomingRPC        = "IncomingRPC"
	AddValidator       = "AddValidator"
	RemoveValidator    = "RemoveValidator"
)

// Names are the names of the states, in their order.
var Names = S{
	PeersPending,
	PeersDead,
	GetPeers,
	PeerNewStream,
	PeerCloseStream,
	PeerError,
	PublishMessage,
	BlacklistPeer,
	GetTopics,
	AddTopic,
	RemoveTopic,
	AnnouncingTopic,
	TopicAnnounced,
	RemoveSubscription,
	AddSubscription,
	AddRelay,
	RemoveRelay,
	IncomingRPC,
	AddValidator,
	RemoveValidator,
	am.Exception,
}
