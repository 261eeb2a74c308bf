// Prints the messages and enums of the linked Go modules whose names begin with one of the arguments, with all they use,
// one field a line: name, type (after * for a list, {key} for a map, ? for explicit presence), oneof, and after a semicolon
// what protoc-gen-validate demands of its value, as the paths and values of the rule. `! name` is a oneof that must be set.
// run.sh links the modules and calls it.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strings"

	"github.com/envoyproxy/go-control-plane/envoy/annotations"
	"github.com/envoyproxy/protoc-gen-validate/validate"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

func main() {
	found := map[protoreflect.FullName]string{}
	protoregistry.GlobalFiles.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		for i := 0; i < file.Messages().Len(); i++ {
			if wanted(file.Messages().Get(i).FullName()) {
				addMessage(found, file.Messages().Get(i))
			}
		}
		for i := 0; i < file.Enums().Len(); i++ {
			if wanted(file.Enums().Get(i).FullName()) {
				addEnum(found, file.Enums().Get(i))
			}
		}
		return true
	})
	texts := make([]string, 0, len(found))
	for _, text := range found {
		texts = append(texts, text)
	}
	sort.Strings(texts)
	fmt.Print(strings.Join(texts, "\n"))
}

// wanted leaves out the older versions of Envoy's API that some module still links.
func wanted(name protoreflect.FullName) bool {
	if strings.HasPrefix(string(name), "envoy.") && !strings.HasPrefix(string(name), "envoy.tcp.") && !strings.Contains(string(name), ".v3") {
		return false
	}
	for _, prefix := range os.Args[1:] {
		if strings.HasPrefix(string(name), prefix) {
			return true
		}
	}
	return false
}

func addEnum(found map[protoreflect.FullName]string, enum protoreflect.EnumDescriptor) {
	if _, seen := found[enum.FullName()]; seen {
		return
	}
	text := fmt.Sprintf("enum %s\n", enum.FullName())
	for i := 0; i < enum.Values().Len(); i++ {
		text += fmt.Sprintf("  %s %d\n", enum.Values().Get(i).Name(), enum.Values().Get(i).Number())
	}
	found[enum.FullName()] = text
}

func addMessage(found map[protoreflect.FullName]string, message protoreflect.MessageDescriptor) {
	if _, seen := found[message.FullName()]; seen || message.IsMapEntry() || message.ParentFile().Package() == "google.protobuf" {
		return
	}
	found[message.FullName()] = ""
	text := fmt.Sprintf("message %s\n", message.FullName())
	for i := 0; i < message.Fields().Len(); i++ {
		field := message.Fields().Get(i)
		value := field
		mark := ""
		switch {
		case field.IsMap():
			value = field.MapValue()
			mark = "{" + field.MapKey().Kind().String() + "}"
		case field.IsList():
			mark = "*"
		case field.HasOptionalKeyword():
			mark = "?"
		}
		kind := value.Kind().String()
		if value.Message() != nil {
			kind = string(value.Message().FullName())
			addMessage(found, value.Message())
		}
		if value.Enum() != nil {
			kind = string(value.Enum().FullName())
			addEnum(found, value.Enum())
		}
		oneof := ""
		if group := field.ContainingOneof(); group != nil && !group.IsSynthetic() {
			oneof = " " + string(group.Name())
		}
		text += fmt.Sprintf("  %s %s%s%s%s\n", field.Name(), mark, kind, oneof, rulesOf(field))
	}
	for i := 0; i < message.Oneofs().Len(); i++ {
		group := message.Oneofs().Get(i)
		if proto.GetExtension(group.Options(), validate.E_Required).(bool) {
			text += fmt.Sprintf("  ! %s\n", group.Name())
		}
	}
	found[message.FullName()] = text
	for i := 0; i < message.Messages().Len(); i++ {
		addMessage(found, message.Messages().Get(i))
	}
	for i := 0; i < message.Enums().Len(); i++ {
		addEnum(found, message.Enums().Get(i))
	}
}

// rulesOf gives what is demanded of the value of a field; empty where that is nothing.
func rulesOf(field protoreflect.FieldDescriptor) string {
	rules := []string{}
	if proto.HasExtension(field.Options(), validate.E_Rules) {
		demanded := proto.GetExtension(field.Options(), validate.E_Rules).(*validate.FieldRules)
		rules = flatten("", demanded.ProtoReflect())
	}
	if proto.HasExtension(field.Options(), annotations.E_DisallowedByDefault) {
		rules = append(rules, "disallowed")
	}
	if len(rules) == 0 {
		return ""
	}
	sort.Strings(rules)
	return " ; " + strings.Join(rules, " ")
}

// flatten gives the set fields of a rule as path=value; texts are JSON without spaces.
func flatten(path string, rule protoreflect.Message) []string {
	if strings.HasPrefix(string(rule.Descriptor().FullName()), "google.protobuf.") {
		text, _ := protojson.Marshal(rule.Interface())
		return []string{path + "=" + strings.Trim(string(text), `"`)}
	}
	rules := []string{}
	rule.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		name := strings.TrimPrefix(path+"."+string(field.Name()), ".")
		switch {
		case field.IsList():
			for i := 0; i < value.List().Len(); i++ {
				rules = append(rules, name+"="+scalar(field, value.List().Get(i)))
			}
		case field.Message() != nil:
			rules = append(rules, flatten(name, value.Message())...)
		default:
			rules = append(rules, name+"="+scalar(field, value))
		}
		return true
	})
	return rules
}

func scalar(field protoreflect.FieldDescriptor, value protoreflect.Value) string {
	if field.Enum() != nil {
		return string(field.Enum().Values().ByNumber(value.Enum()).Name())
	}
	text, _ := json.Marshal(value.Interface())
	return strings.ReplaceAll(string(text), " ", `\u0020`)
}
